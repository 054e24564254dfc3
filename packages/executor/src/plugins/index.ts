export { loadPlugin, loadPlugins, type PluginOptions } from "./load-plugins.ts"
export { hasNamespaces } from "./namespaces.ts"
export { PluginRefused } from "./plugin-refused.ts"
