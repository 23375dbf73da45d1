/** Express 4 under its npm alias; its types are those of `express`. */
declare module 'express4' {
  import express from 'express'
  export default express
}
