import './look/base.css'
import { mount } from 'svelte'
import SheetPage from './pages/SheetPage.svelte'

const target = document.getElementById('app')
if (target) mount(SheetPage, { target })
