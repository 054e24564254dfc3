// The shell functions by which a recoverable run is started, followed, stopped and cleared away on its target. Plain POSIX sh, with head,
// tail, cat, wc, mkfifo and setsid(1); constant text, so that nothing of a plan stands in it.
//
// A run has a folder of its own, $HOME/.fluxcybers/runs/<run> (mode 0700):
//   go          made once, by whoever may decide: the supervisor, which starts the command, or a fence, after which nobody ever will
//   fenced      it never started and never will
//   supervisor  process and birth of the supervisor, which waits for the command and outlives the connection
//   group       the process group of the command
//   out, err    what it wrote
//   why         why it was stopped, if it was
//   ended       exit status, bytes of out, bytes of err: written last, in one step

/** What every visit needs. `$d` is the folder of the run, `$fx_n` the nonce of the visit. */
export const SPOOL_LIBRARY = `
fx_nap() { sleep "$1" 2>/dev/null || sleep 1; }
fx_size() { fx_s=$(wc -c 2>/dev/null <"$1") || fx_s=0; echo $((fx_s)); }
fx_birth() {
  if [ -r "/proc/$1/stat" ]; then
    read -r fx_l 2>/dev/null <"/proc/$1/stat" || return
    set -- \${fx_l##*) }; shift 19
    echo "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null).$1"
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _
  fi
}
fx_lives() {
  read -r fx_p fx_b 2>/dev/null <"$d/supervisor" && kill -0 "$fx_p" 2>/dev/null && [ "$(fx_birth "$fx_p")" = "$fx_b" ]
}
fx_state() {
  if [ ! -d "$d" ]; then echo absent
  elif [ -e "$d/fenced" ]; then echo fenced
  elif [ ! -e "$d/ended" ] && fx_lives; then echo running
  elif [ -e "$d/ended" ]; then
    read -r fx_e <"$d/ended"; fx_w=-; [ ! -e "$d/why" ] || read -r fx_w <"$d/why"
    echo "ended $fx_e $fx_w"
  elif [ -e "$d/supervisor" ]; then echo "lost $(fx_size "$d/out") $(fx_size "$d/err")"
  else echo starting
  fi
}
fx_alive() {
  [ -r /proc/self/stat ] || { kill -0 "-$fx_g" 2>/dev/null; return; }
  for fx_f in /proc/[0-9]*/stat; do
    read -r fx_l 2>/dev/null <"$fx_f" || continue
    set -- \${fx_l##*) }
    [ "$3" != "$fx_g" ] || [ "$1" = Z ] || return 0
  done
  return 1
}
fx_gone() {
  fx_i=0
  while fx_alive; do [ $fx_i -lt "$1" ] || return 1; fx_nap 0.1; fx_i=$((fx_i+1)); done
}
fx_stop() {
  [ ! -e "$d/ended" ] || return 0
  (set -C; echo "$1" >"$d/why") 2>/dev/null
  fx_i=0; until [ -s "$d/group" ] || [ $fx_i -ge 20 ]; do fx_nap 0.1; fx_i=$((fx_i+1)); done
  read -r fx_g 2>/dev/null <"$d/group" || return 1
  kill -TERM "-$fx_g" 2>/dev/null || { rm -f "$d/why"; return 0; }
  fx_gone 50 || { kill -KILL "-$fx_g" 2>/dev/null; fx_gone 10; }
}
`

/**
 * The supervisor: it reads the command's own program from its standard input, so that it stands in no file and in no argument list, runs it,
 * and writes down how it ended. Arguments: folder, time limit (s), limit of output (bytes), time to keep the result (s), umask.
 */
export const SUPERVISOR = `d=$1
fx_job=$(cat)
echo "$$ $(fx_birth $$)" >"$d/supervisor.new" && mv "$d/supervisor.new" "$d/supervisor" || exit 1
mkdir "$d/go" 2>/dev/null || exit 1
fx_save() {
  # One stream alone stays below the limit of both; a shell that knows no such limit leaves it to the look below.
  ( ulimit -f $(($2/512+128)) 2>/dev/null; exec cat ) <"$d/$1.pipe" >>"$d/$1" 2>/dev/null
  : >"$d/$1.closed"
}
mkfifo "$d/out.pipe" "$d/err.pipe" || exit 1
fx_save out "$3" & fx_save err "$3" &
(
  fx_t=0
  while [ ! -e "$d/ended" ]; do
    sleep 1; fx_t=$((fx_t+1))
    if [ $fx_t -gt "$2" ]; then fx_stop timed-out; break; fi
    if [ $(($(fx_size "$d/out")+$(fx_size "$d/err"))) -gt "$3" ]; then fx_stop output-limit; break; fi
  done
) &
fx_watch=$!
printf %s "$fx_job" | setsid /bin/sh -c 'fx_job=$(cat); exec <"$1/stdin"; rm -f "$1/stdin"; echo $$ >"$1/group"; umask "$2"; set --; eval "unset fx_job; $fx_job"' /bin/sh "$d" "$5" >"$d/out.pipe" 2>"$d/err.pipe"
fx_c=$?
fx_job=
# A second for what it left in the background and still writes.
fx_i=0
until { [ -e "$d/out.closed" ] && [ -e "$d/err.closed" ]; } || [ $fx_i -ge 15 ]; do
  if [ $fx_i -lt 5 ]; then fx_nap 0.02; else fx_nap 0.1; fi
  fx_i=$((fx_i+1))
done
echo "$fx_c $(fx_size "$d/out") $(fx_size "$d/err")" >"$d/ended.new" && mv "$d/ended.new" "$d/ended"
kill "$fx_watch" 2>/dev/null
# In steps, so that it does not outlive a folder that somebody else has removed.
fx_i=0
while [ -e "$d/ended" ] && [ $fx_i -lt "$4" ]; do
  fx_s=$(($4-fx_i)); [ $fx_s -le 60 ] || fx_s=60
  sleep "$fx_s"; fx_i=$((fx_i+fx_s))
done
rm -rf "$d"
`

/** The visits. Each answers with a line of the nonce and the state; what follows it on both streams is the command's own. */
export const SPOOL_VISITS = `
fx_refuse() { echo "$fx_n refused $1"; exit 0; }
fx_make_spool() {
  [ -d "$HOME" ] && mkdir -p "$fx_r" && chmod 700 "$HOME/.fluxcybers" "$fx_r"
}
fx_sweep() {
  for fx_d in "$fx_r"/*; do
    [ -z "$(find "$fx_d" -prune -type d -mtime +31 2>/dev/null)" ] || ( d=$fx_d; fx_lives || rm -rf "$d" )
  done
}
fx_start() {
  for fx_t in cat head tail wc mkfifo setsid find; do command -v $fx_t >/dev/null 2>&1 || fx_refuse "no-tool $fx_t"; done
  [ "$(command -v printf)" = printf ] || fx_refuse "no-tool printf"
  ( eval "$fx_prepare" )
  case $? in 91) fx_refuse no-folder ;; 92) fx_refuse no-program ;; esac
  fx_u=$(umask); umask 077
  fx_make_spool 2>/dev/null || fx_refuse no-spool
  fx_sweep
  mkdir "$d" 2>/dev/null || { [ -d "$d" ] && fx_refuse twice; fx_refuse no-spool; }
  if [ "$4" -gt 0 ]; then echo "$fx_n send"; cat >"$d/stdin"; else : >"$d/stdin"; fi
  if [ "$(fx_size "$d/stdin")" != "$4" ]; then : >"$d/fenced"; fx_refuse cut; fi
  : >"$d/out"; : >"$d/err"
  printf %s "$fx_supervisor" >"$d/supervise" || { : >"$d/fenced"; fx_refuse no-spool; }
  ( printf %s "$fx_prepare; $fx_run" | setsid /bin/sh "$d/supervise" "$d" "$1" "$2" "$3" "$fx_u" ) </dev/null >/dev/null 2>&1 &
  unset fx_prepare fx_run
  fx_i=0; while [ ! -e "$d/supervisor" ] && [ $fx_i -lt 200 ]; do fx_nap 0.02; fx_i=$((fx_i+1)); done
  fx_follow 0 0
}
fx_follow() {
  fx_s=$(fx_state)
  echo "$fx_n $fx_s"
  case $fx_s in
    ended*|lost*) tail -c "+$(($1+1))" "$d/out"; tail -c "+$(($2+1))" "$d/err" >&2 ;;
    running)
      tail -c "+$(($1+1))" -f "$d/out" & fx_a=$!
      tail -c "+$(($2+1))" -f "$d/err" >&2 & fx_b=$!
      exec 2>/dev/null
      fx_k=; kill -0 "$PPID" && fx_k=1
      read -r fx_p fx_x <"$d/supervisor"
      fx_i=0
      while [ ! -e "$d/ended" ] && kill -0 "$fx_p" && { [ -z "$fx_k" ] || kill -0 "$PPID"; }; do
        if [ $fx_i -lt 5 ]; then fx_nap 0.02; elif [ $fx_i -lt 25 ]; then fx_nap 0.1; else fx_nap 0.5; fi
        fx_i=$((fx_i+1))
      done
      kill "$fx_a" "$fx_b" ;;
  esac
}
fx_ask() { echo "$fx_n $(fx_state)"; }
fx_fence() {
  umask 077
  fx_make_spool 2>/dev/null
  if mkdir "$d" 2>/dev/null || mkdir "$d/go" 2>/dev/null; then : >"$d/fenced"; fi
  fx_ask
}
fx_cancel() {
  case $(fx_state) in
    absent|starting) fx_fence; return ;;
    running|lost*) fx_stop "$1" ;;
  esac
  fx_i=0; while [ ! -e "$d/ended" ] && fx_lives && [ $fx_i -lt 30 ]; do fx_nap 0.1; fx_i=$((fx_i+1)); done
  fx_ask
}
fx_release() {
  case $(fx_state) in
    ended*|lost*) if fx_lives; then kill -TERM "-$fx_p" 2>/dev/null; fi; rm -rf "$d" ;;
  esac
  fx_ask
}
`
