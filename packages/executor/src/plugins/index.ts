export { loadPlugin, loadPlugins, type PluginOptions, pluginPaths } from "./load-plugins.ts"
export { hasNamespaces } from "./namespaces.ts"
export type { PluginLimits } from "./plugin.ts"
export { PluginRefused } from "./plugin-refused.ts"
