// The package ships no types. It makes an old-style stream that emits its output during `write` and `end`.
declare module 'unbzip2-stream' {
  export default function unbzip2Stream(): NodeJS.ReadWriteStream;
}
