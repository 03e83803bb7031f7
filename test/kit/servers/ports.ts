export { freePort } from '../../../dev/src/ports.ts'
