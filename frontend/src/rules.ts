import './look/base.css'
import { mount } from 'svelte'
import RulesPage from './pages/RulesPage.svelte'

const target = document.getElementById('app')
if (target) mount(RulesPage, { target })
