export {
  DATA8_PROFILE,
  type Data8Account,
  type Data8Authenticate,
  type Data8Credentials,
  type Data8Method,
  type Data8Options,
  data8,
} from './data8.ts'
export { I3D_PROFILE, type I3dOptions, i3d } from './i3d.ts'
export {
  createProjectToken,
  MAGICBELL_PROJECT_PROFILE,
  MAGICBELL_USER_PROFILE,
  type MagicBellOptions,
  type MagicBellWire,
  magicbell,
  type ProjectTokenOptions,
} from './magicbell.ts'
export {
  CREATE_JWT_PERMISSION,
  hasPermission,
  hasRole,
  SERVICESTACK_PROFILE,
  type ServiceStackAuthenticate,
  type ServiceStackCredentials,
  type ServiceStackOptions,
  type ServiceStackPrincipal,
  servicestack,
} from './servicestack.ts'
export {
  SPECTER_PROFILE,
  type SpecterAuthenticate,
  type SpecterCredentials,
  type SpecterOptions,
  specter,
} from './specter.ts'
