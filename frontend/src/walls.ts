import './look/base.css'
import { mount } from 'svelte'
import WallsPage from './pages/WallsPage.svelte'

const target = document.getElementById('app')
if (target) mount(WallsPage, { target })
