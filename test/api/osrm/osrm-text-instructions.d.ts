declare module 'osrm-text-instructions' {
  type Compiler = {compile(language: string, step: object, options?: {legCount?: number; legIndex?: number}): string};
  export default function instructions(version: 'v5'): Compiler;
}
