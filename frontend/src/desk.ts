import './look/base.css'
import { mount } from 'svelte'
import DeskPage from './pages/DeskPage.svelte'

const target = document.getElementById('app')
if (target) mount(DeskPage, { target })
