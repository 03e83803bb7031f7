import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

const boundary = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] }
})

/** A package is entered through its `exports`, never by a path into its insides. */
const noDeepImports = { regex: '^(\\.\\./)+(shared|gateway|auth-service|event-service|dev)/', message: 'Import a package by its name: its exports are its boundary.' }
const noOtherService = { regex: '^@laurel/(gateway|auth-service|event-service|dev)', message: 'One service never imports another; what they share lives in @laurel/shared.' }

export default [
  ...neostandard({ ts: true, noJsx: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      'no-void': ['error', { allowAsStatement: true }],
      // A schema and its type share one name; TypeScript itself refuses real redeclarations.
      '@typescript-eslint/no-redeclare': 'off'
    }
  },
  boundary(['shared/src/**', 'gateway/src/**', 'auth-service/src/**', 'event-service/src/**', 'dev/src/**'], [noDeepImports, noOtherService]),
  boundary(['*/src/domain/**'], [
    noDeepImports,
    noOtherService,
    {
      regex: '^(fastify|@fastify/|mongodb|piscina|node:(fs|http|https|net|timers|worker_threads)|@laurel/shared/(http|mongo|tokens|config))|/(routes|stores)/|^\\.\\./(app|server|config)',
      message: 'The domain is plain functions on plain data: no server, no database, no clock it was not given.'
    }
  ]),
  boundary(['*/src/routes/**'], [
    noDeepImports,
    noOtherService,
    { regex: '^mongodb$', message: 'A route asks a store; it never speaks to the driver.' }
  ])
]
