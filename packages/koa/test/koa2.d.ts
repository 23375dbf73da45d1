/** Koa 2 under its npm alias; its types are those of `koa`. */
declare module 'koa2' {
  import Koa from 'koa'
  export default Koa
}
