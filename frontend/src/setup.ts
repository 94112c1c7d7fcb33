import './look/base.css'
import { mount } from 'svelte'
import SetupPage from './pages/SetupPage.svelte'

const target = document.getElementById('app')
if (target) mount(SetupPage, { target })
