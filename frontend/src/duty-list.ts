import './look/base.css'
import { mount } from 'svelte'
import DutyListPage from './pages/DutyListPage.svelte'

const target = document.getElementById('app')
if (target) mount(DutyListPage, { target })
