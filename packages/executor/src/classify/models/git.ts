// git and other version control.
import { always } from "../judges/changing.ts"
import type { Form, Model } from "../model.ts"

const NAMES: Form = { contentFrom: "none", operands: /^(?!-)[^\0]+$/ }
const DIFFS =
  "-p -u -U:number -a -b -w -R -z -M? -C? -S: -G: --stat? --numstat --shortstat --dirstat? --summary --name-only --name-status --color? --no-color --word-diff? --patch --no-patch -s --raw --minimal --patience --histogram --cached --staged --no-renames --find-renames? --check --full-index --binary --abbrev? --exit-code --quiet --text --ignore-space-change --ignore-all-space --ignore-blank-lines --diff-filter=name --relative? --no-ext-diff --no-textconv --unified=number --no-index --merge-base"
const LOGS = `${DIFFS} -# -n:number -L: -i -E -F -g -c -m --oneline --graph --all --decorate? --no-decorate --since= --until= --after= --before= --author= --committer= --grep= --format= --pretty? --date= --reverse --merges --no-merges --first-parent --follow --max-count=number --skip=number --branches? --tags? --remotes? --topo-order --date-order --source --left-right --cherry-pick --abbrev-commit --no-abbrev-commit --count --parents --children --walk-reflogs --relative-date --invert-grep --all-match`
const shown = (flags: string): Form => ({ ...NAMES, flags })
const listing = (flags: string): Form => ({ contentFrom: "none", operands: 0, flags })

const CONFIG: Form = {
  contentFrom: "none",
  flags:
    "-l -z --global --system --local --worktree --list --get --get-all --get-regexp --show-origin --show-scope --name-only --bool --int --path --type=name --null",
  needs: "-l --list --get --get-all --get-regexp",
  operands: 1
}

/** With one of these first the operands are patterns; without, they are what is to be made. */
const listed = (first: RegExp, flags: string): Form => ({
  judge: (call) =>
    first.test(call.args[0]?.literal ?? "") ? call.apply(shown(flags), call.args.slice(1)) : call.apply(listing(flags))
})

export const git: ReadonlyArray<Model> = [
  {
    names: "git",
    isPaging: true,
    flags: "-C: -P --no-pager --version --no-optional-locks --no-replace-objects --literal-pathspecs",
    // `git COMMAND --help` opens a manual in a pager.
    inherited: "--help!unknown",
    subcommands: {
      "": "",
      version: listing("--build-options"),
      status: shown(
        "-sbuvz -u? --short --branch --long --porcelain? --untracked-files? --ignored? --show-stash --ahead-behind --no-renames --column?"
      ),
      log: shown(LOGS),
      shortlog: shown("-sne --summary --numbered --email --all --since= --until= --no-merges --group="),
      show: shown(LOGS),
      diff: { flags: DIFFS },
      "diff-tree": shown(`${DIFFS} -r -t --root --no-commit-id`),
      whatchanged: shown(LOGS),
      blame: shown("-L: -lwtfnse -M? -C? --date= --since= --porcelain --line-porcelain --root"),
      "rev-parse": shown(
        "--short? --verify -q --quiet --abbrev-ref? --show-toplevel --git-dir --is-inside-work-tree --is-bare-repository --symbolic-full-name --show-prefix --all --is-inside-git-dir --git-common-dir"
      ),
      "rev-list": shown(LOGS),
      describe: shown(
        "--tags --all --always --long --dirty? --abbrev=number --match= --exact-match --contains --first-parent"
      ),
      "ls-files": shown(
        "-cdmostuzv --cached --deleted --modified --others --stage --unmerged --exclude-standard --full-name --error-unmatch --ignored --directory"
      ),
      "ls-tree": shown("-dlrtz --name-only --full-name --long --full-tree"),
      "ls-remote": {
        contentFrom: "none",
        operands: /^[A-Za-z\d][\w.-]*$/,
        flags: "-htq --heads --tags --refs --quiet --exit-code --symref --get-url"
      },
      "cat-file": shown("-p -t -s -e"),
      "count-objects": listing("-vH --verbose --human-readable"),
      "for-each-ref": shown("--format= --sort= --count=number --contains --merged --points-at="),
      "show-ref": shown("--heads --tags -d -s --hash? --verify -q --head"),
      "merge-base": shown("--all --is-ancestor --fork-point --octopus"),
      "name-rev": shown("--name-only --tags --all --always"),
      "symbolic-ref": { contentFrom: "none", operands: 1, flags: "--short -q" },
      "check-ignore": shown("-v -q --verbose --no-index"),
      grep: shown(
        "-niIlLcwvEFPGhHqpWr -e:dash -A:number -B:number -C:number --count --line-number --ignore-case --name-only --files-with-matches --heading --break --cached --untracked --max-depth=number --and --or --not --all-match --color? --fixed-strings --extended-regexp --perl-regexp --word-regexp"
      ),
      branch: listed(
        /^(--list|--(no-)?merged|--contains)$/,
        "-avrl -vv --all --remotes --verbose --list --show-current --sort= --format= --merged --no-merged --color? --no-color --column?"
      ),
      tag: listed(/^(-l|--list|--contains)$/, "-l -n? --list --sort= --format= --merged --no-merged --column?"),
      remote: listing("-v --verbose"),
      "remote show": { contentFrom: "none", operands: /^[A-Za-z\d][\w.-]*$/, flags: "-n" },
      "remote get-url": { contentFrom: "none", operands: /^[A-Za-z\d][\w.-]*$/, flags: "--all --push" },
      "stash list": shown(LOGS),
      "stash show": shown(DIFFS),
      reflog: { contentFrom: "none", operands: 0, flags: LOGS },
      "reflog show": shown(LOGS),
      "worktree list": listing("-v --verbose --porcelain"),
      "submodule status": listing("--recursive --cached"),
      "config list": listing("--global --system --local --show-origin"),
      "config get": { contentFrom: "none", operands: 1, flags: "--global --system --local --all" },
      config: {
        contentFrom: "none",
        judge: (call) =>
          call.args.length === 1 && /^[\w-]+\.[\w.-]+$/.test(call.args[0]?.literal ?? "")
            ? { class: "read", why: "git config shows a setting" }
            : call.apply(CONFIG)
      },
      "bisect log": listing(""),
      "notes list": listing(""),
      "notes show": shown(""),
      fsck: listing("--full --no-dangling --connectivity-only"),
      "verify-commit": shown("-v"),
      cherry: shown("-v"),
      "range-diff": shown(DIFFS)
    },
    changes: {
      write:
        "add,commit,init,pull,fetch,checkout,switch,merge,rebase,cherry-pick,revert,stash,restore,mv,apply,am,gc,repack,notes add,worktree add",
      destroy: "rm,clean,reset,stash drop,stash clear,prune,worktree remove",
      exfiltrate: "push,send-email,request-pull,bundle",
      unknown:
        "help,clone,difftool,mergetool,submodule foreach,filter-branch,bisect run,daemon,archive,web--browse,instaweb"
    },
    read: [
      "git status -sb",
      "git log --oneline -10",
      "git diff HEAD~1 --stat",
      "git -C /srv/app show --stat",
      "git branch -a",
      "git remote -v",
      "git stash list",
      "git config --get user.name",
      "git rev-parse --short HEAD",
      "git ls-remote origin",
      "git blame -L 1,5 f",
      "git tag -l 'v1.*'",
      "git branch --merged main",
      "git config user.name",
      "git tag -l"
    ],
    notRead: [
      "git -c core.pager=sh log",
      "git -p help",
      "git help config",
      "git branch --help config",
      "git diff --output=f",
      "git diff --ext-diff",
      "git grep -O x",
      "git grep --open-files-in-pager=sh x",
      "git ls-remote --upload-pack=sh x",
      "git ls-remote 'ext::sh -c id'",
      "git --exec-path=/tmp log",
      "git branch -D x",
      "git branch new",
      "git config user.name x",
      "git config --global alias.x '!sh'",
      "git config --list --edit",
      "git config edit",
      "git config get x --file=/tmp/y",
      "git diff /dev/null /etc/shadow",
      "git branch --merged main -d x",
      "git tag -l -d x",
      "git tag --list --delete x",
      "git push",
      "git clone x",
      "git tag v1",
      "git remote add x y",
      "git remote update",
      "git reflog expire --all",
      "git reflog delete x",
      "git archive --exec=sh",
      "git --git-dir=/tmp/x status",
      "git symbolic-ref HEAD x",
      "git log --outpu=f",
      "git cat-file --textconv x",
      "git bisect run sh",
      "git log $OPTS"
    ]
  },
  always("svn hg bzr cvs gh glab git-shell gitk tig", "unknown", "is not modelled, or runs what a repository says", [
    "svn up",
    "gh api x",
    "hg --config x=y log",
    "tig"
  ])
]
