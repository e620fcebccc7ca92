import type { Binary, Block, Expression, File, ObjectExpression, Statement } from './ast.ts';
import { printLines } from './tabular.ts';
import { TokenPrinter, type Gap } from './token-printer.ts';

/**
 * The canonical form of a file that was parsed without errors. Only blanks, line breaks and last commas change: what
 * is printed parses to the same tree, keeps every comment, and is left alone when it is formatted again.
 */
export function format(file: File): string {
  const printer = new TokenPrinter(file);
  printStatements(printer, file.body.statements);
  printer.printEnd();
  return printLines(printer.lines);
}

function printStatements(printer: TokenPrinter, statements: readonly Statement[]): void {
  for (const [index, statement] of statements.entries()) {
    const isApart = index > 0 && (statement.kind === 'block' || printer.breaksBefore() > 1);
    const gap = isApart ? 'empty line' : 'line';
    if (statement.kind === 'block') {
      printBlock(printer, statement, gap);
    } else {
      printer.print(gap);
      printer.print('column');
      printExpression(printer, statement.value, 'blank');
    }
  }
}

function printBlock(printer: TokenPrinter, { nameSpan, body }: Block, gap: Gap): void {
  printer.printThrough(nameSpan.end, gap);
  // An empty label is left out of the tree, but not of the text.
  if (printer.isNext('STRING')) printer.print('blank');
  printer.print('blank');
  printer.depth++;
  printStatements(printer, body.statements);
  printer.depth--;
  printer.print(body.statements.length > 0 ? 'line' : 'blank', printer.depth + 1);
}

/** Prints an expression; the gap is that before its first token. */
function printExpression(printer: TokenPrinter, expression: Expression, gap: Gap): void {
  switch (expression.kind) {
    case 'array':
      printer.print(gap);
      printList(printer, expression.elements, expression.span.end);
      break;
    case 'object':
      printer.print(gap);
      printFields(printer, expression);
      break;
    case 'access':
      printExpression(printer, expression.object, gap);
      // "1.a" would be the number "1." and a name.
      printer.print(expression.object.kind === 'number' ? 'blank' : 'none');
      printer.print('none');
      break;
    case 'index':
      printExpression(printer, expression.object, gap);
      printer.print('none');
      printExpression(printer, expression.index, 'none');
      printer.print('none');
      break;
    case 'call':
      printExpression(printer, expression.callee, gap);
      printer.print('none');
      printList(printer, expression.args, expression.span.end);
      break;
    case 'unary':
      printer.print(gap);
      printExpression(printer, expression.operand, 'none');
      break;
    case 'binary':
      printBinary(printer, expression, gap);
      break;
    case 'parenthesized':
      printer.print(gap);
      printExpression(printer, expression.inner, 'none');
      printer.print('none');
      break;
    default:
      printer.print(gap);
  }
}

/** Prints operands and operators; the lines after the first are indented once, however the operators nest. */
function printBinary(printer: TokenPrinter, expression: Binary, gap: Gap): void {
  const { depth } = printer;
  for (const [index, operand] of operandsOf(expression).entries()) {
    if (index === 0) {
      printExpression(printer, operand, gap);
      continue;
    }
    printer.print('blank');
    const isBroken = printer.breaksBefore() > 0;
    if (isBroken) printer.depth = depth + 1;
    printExpression(printer, operand, isBroken ? 'line' : 'blank');
  }
  printer.depth = depth;
}

function operandsOf(expression: Expression): Expression[] {
  if (expression.kind !== 'binary') return [expression];
  return [...operandsOf(expression.left), ...operandsOf(expression.right)];
}

/** Prints elements or arguments and the bracket that closes them. Those that begin a line are indented. */
function printList(printer: TokenPrinter, elements: readonly Expression[], end: number): void {
  const { depth } = printer;
  for (const [index, element] of elements.entries()) {
    const isBroken = printer.breaksBefore() > 0;
    printer.depth = isBroken ? depth + 1 : depth;
    printExpression(printer, element, isBroken ? 'line' : index > 0 ? 'blank' : 'none');
    printer.depth = depth;
    if (index < elements.length - 1) printer.print('none');
  }
  printClose(printer, elements.length > 0 && printer.breaksBefore(end) > 0);
}

function printFields(printer: TokenPrinter, { fields, span }: ObjectExpression): void {
  let isLong = false;
  printer.depth++;
  for (const [index, { value }] of fields.entries()) {
    const breaks = printer.breaksBefore();
    const isBroken = breaks > 0 || isLong;
    const gap = index > 0 && breaks > 1 ? 'empty line' : isBroken ? 'line' : index > 0 ? 'blank' : 'none';
    printer.print(gap);
    const { row } = printer;
    printer.print(isBroken ? 'column' : 'blank');
    printExpression(printer, value, 'blank');
    isLong = printer.row > row;
    if (index < fields.length - 1) printer.print('none');
  }
  printer.depth--;
  printClose(printer, fields.length > 0 && (isLong || printer.breaksBefore(span.end) > 0));
}

/** Prints a closing bracket, with a comma before it if it stands on its own line and without one if it does not. */
function printClose(printer: TokenPrinter, isBroken: boolean): void {
  if (printer.isNext(',')) {
    if (isBroken) printer.print('none');
    else printer.skip();
  } else if (isBroken) {
    printer.insert(',');
  }
  printer.print(isBroken ? 'line' : 'none', printer.depth + 1);
}
