import './look/base.css'
import { session, toLogin } from './state/session.svelte'
import { askEarly } from './workshop/first-grid'

askEarly()
void session.start(toLogin, { layers: false })
void import('./workshop/mount')
