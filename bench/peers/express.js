import express from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { Agent } from 'node:http'
import { readToken } from './token.js'

const roles = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN']
const app = express()
app.use('/v1/events', (request, response, next) => {
  try {
    if (!roles.includes(readToken(request).role)) response.status(403).json({ code: 'FORBIDDEN' })
    else next()
  } catch {
    response.status(401).json({ code: 'UNAUTHENTICATED' })
  }
})
const agent = new Agent({ keepAlive: true, maxSockets: 128 })
app.use(createProxyMiddleware({ target: process.env.UPSTREAM_URL, agent }))
app.listen(Number(process.env.PORT), '127.0.0.1')
