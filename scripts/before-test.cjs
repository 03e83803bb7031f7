'use strict'

// Runs before `npm test`. tap comes with plugins that load the TypeScript compiler and a loader for mocks into every
// test process; .taprc switches them off. tap builds itself anew for that, but its first run would still have the
// plugins, and take twice the time.
const { execFileSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const built = join(__dirname, '../node_modules/@tapjs/test/test-built/dist/esm/index.js')
const hasPlugin = /Plugin_(typescript|mock)/.test(readFileSync(built, 'utf8'))
if (hasPlugin) execFileSync('npx', ['--no-install', 'tap', 'build'], { stdio: 'inherit' })
