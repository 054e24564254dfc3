// The parser's node types by their own names; unbash exports them as one union and its members.
import type { SyntaxNode } from "unbash"

type Node<Type extends string> = Extract<SyntaxNode, { readonly type: Type }>

export type {
  ArithmeticExpansionPart,
  ArithmeticExpression,
  ArithmeticFor as ArithmeticForNode,
  CommandNode,
  ParsedScript,
  PipelineNode,
  Redirection,
  Statement,
  TestExpression,
  Word
} from "unbash"
export type CommandSyntax = Node<"Command">
