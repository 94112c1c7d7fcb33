import './look/base.css'
import { mount } from 'svelte'
import CallPage from './pages/CallPage.svelte'

const target = document.getElementById('app')
if (target) mount(CallPage, { target })
