import './look/base.css'
import { mount } from 'svelte'
import QgisPage from './pages/QgisPage.svelte'

const target = document.getElementById('app')
if (target) mount(QgisPage, { target })
