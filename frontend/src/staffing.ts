import './look/base.css'
import { mount } from 'svelte'
import StaffingPage from './pages/StaffingPage.svelte'

const target = document.getElementById('app')
if (target) mount(StaffingPage, { target })
