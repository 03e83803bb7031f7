import ts from 'typescript'

/**
 * Returns the text of `client/dist/types.d.ts` in the packed client: the types of `client/src/types.ts` without the
 * contracts and the schemas that they come from, so that the package needs no other package. Throws an `Error` if the
 * types do not compile.
 * @param root the folder of this repository.
 */
export function clientTypes (root: string): string {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile).config, ts.sys, root
  )
  const file = `${root}/client/src/types.ts`
  const program = ts.createProgram([file], options)
  const source = program.getSourceFile(file) as ts.SourceFile
  const errors = program.getSemanticDiagnostics(source)
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, ts.createCompilerHost(options)))

  const checker = program.getTypeChecker()
  const printer = ts.createPrinter()
  const types = new Map(program.getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(`${root}/client/`) || fileName.startsWith(`${root}/shared/`))
    .flatMap(module => checker.getExportsOfModule(checker.getSymbolAtLocation(module) as ts.Symbol))
    .filter(({ flags }) => (flags & ts.SymbolFlags.TypeAlias) !== 0)
    .map(symbol => [symbol.name, checker.getDeclaredTypeOfSymbol(symbol)]))
  const declarations = new Map<string, string>()

  /** Declares a type and the named types in it. */
  function declare (name: string): void {
    const type = types.get(name)
    // Otherwise, it belongs to the library of TypeScript.
    if (type === undefined || declarations.has(name)) return
    const node = checker.typeToTypeNode(type, undefined, flags) as ts.TypeNode
    declarations.set(name, `export type ${name} = ${printer.printNode(ts.EmitHint.Unspecified, node, source)}`)
    for (const other of namesIn(node)) declare(other)
  }

  for (const name of ['Operations', 'OperationId', 'LaurelError']) declare(name)
  const copies = source.statements.filter(isCopied).map(node => node.getFullText().trim())
  return [...declarations.values(), ...copies].join('\n\n') + '\n'
}

// The compiler replaces each alias in a type by what it stands for, unless it is recursive.
const flags = ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.InTypeAlias |
  ts.NodeBuilderFlags.MultilineObjectLiterals

/** The types that do not refer to the contracts. */
const copied = new Set(['Input', 'Output', 'CallOptions', 'Call', 'Client'])

function isCopied (node: ts.Statement): boolean {
  return (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && copied.has(node.name.text)
}

/** Returns the names of the types to which a type refers. */
function namesIn (node: ts.Node): string[] {
  const own = ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) ? [node.typeName.text] : []
  const inner: string[] = []
  ts.forEachChild(node, child => { inner.push(...namesIn(child)) })
  return [...own, ...inner]
}
