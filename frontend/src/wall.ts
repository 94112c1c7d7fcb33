import './look/base.css'
import { mount } from 'svelte'
import WallPage from './pages/WallPage.svelte'

const target = document.getElementById('app')
if (target) mount(WallPage, { target })
