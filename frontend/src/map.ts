import './look/base.css'
import { mount } from 'svelte'
import MapPage from './pages/MapPage.svelte'

const target = document.getElementById('app')
if (target) mount(MapPage, { target })
