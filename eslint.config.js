import importX from 'eslint-plugin-import-x'
import neostandard, { plugins, resolveIgnoresFromGitignore } from 'neostandard'

const restrictImports = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] }
})

const noDeepImports = {
  regex: '^(\\.\\./)+(shared|gateway|auth-service|event-service|dev)/',
  message: 'Import a package by its name: its exports are its boundary.'
}
const noOtherService = {
  regex: '^@laurel/(gateway|auth-service|event-service|dev)',
  message: 'A service never imports another one. Shared code belongs to @laurel/shared.'
}
const noMongoDriver = {
  regex: '^mongodb$',
  message: 'Only stores and shared/src/mongo use the MongoDB driver.'
}
const pureDomain = {
  regex: '^(fastify|@fastify/|mongodb|piscina|node:(fs|http|https|net|timers|worker_threads)|' +
    '@laurel/shared/(http|mongo|tokens|config))|/(routes|stores)/|^\\.\\./(app|server|config)',
  message: 'The domain is plain functions on plain data: no server, no database, no clock it was not given.'
}

export default [
  ...neostandard({ ts: true, noJsx: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      'no-void': ['error', { allowAsStatement: true }],
      '@stylistic/max-len': ['error', { code: 120 }],
      // A schema and its type share one name. TypeScript itself rejects real redeclarations.
      '@typescript-eslint/no-redeclare': 'off'
    }
  },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin, 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/extensions': ['.ts'], 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'import-x/no-cycle': 'error'
    }
  },
  restrictImports(['shared/src/**', 'dev/src/**'], [noDeepImports, noOtherService]),
  restrictImports(['{gateway,auth-service,event-service}/src/**'], [noDeepImports, noOtherService, noMongoDriver]),
  restrictImports(['*/src/stores/**', 'shared/src/mongo/**'], [noDeepImports, noOtherService]),
  restrictImports(['shared/src/!(mongo)/**', 'shared/src/*.ts'], [noDeepImports, noOtherService, noMongoDriver]),
  restrictImports(['*/src/domain/**'], [noDeepImports, noOtherService, pureDomain])
]
