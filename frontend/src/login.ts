import './look/base.css'
import { mount } from 'svelte'
import LoginPage from './pages/LoginPage.svelte'

const target = document.getElementById('app')
if (target) mount(LoginPage, { target })
