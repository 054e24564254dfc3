import { Schema } from "effect"

/** A plugin cannot be used. Nothing of it was registered. */
export class PluginRefused extends Schema.TaggedError<PluginRefused>()("PluginRefused", {
  /** Its path. */
  plugin: Schema.String,
  /**
   * `missing`: no such file. `load`: its module threw, is too slow, or exports no executor. `sdk`: made for other versions of the SDK, or it
   * does not say for which. `id`: an id or version that is none. `reach`: its folder, or a file that it declares, holds the host's own data. `rights`: everybody may change it.
   */
  reason: Schema.Literals(["missing", "load", "sdk", "id", "reach", "rights"]),
  /** What is wrong and what to do, for a person. Part of it may be the plugin's own words. */
  detail: Schema.String
}) {
  override get message() {
    return `Plugin ${this.plugin}: ${this.detail}`
  }
}
