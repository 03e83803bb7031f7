'use strict'

// Runs before `npm test`. tap comes with a plugin that loads the TypeScript compiler into every test process; .taprc
// switches it off. tap builds itself anew for that, but its first run would still have the plugin, and take twice the
// time.
const { execFileSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const built = join(__dirname, '../node_modules/@tapjs/test/test-built/dist/esm/index.js')
const hasPlugin = readFileSync(built, 'utf8').includes('Plugin_typescript')
if (hasPlugin) execFileSync('npx', ['--no-install', 'tap', 'build'], { stdio: 'inherit' })
