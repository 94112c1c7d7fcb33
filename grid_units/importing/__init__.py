"""Import of the grid: a file of cells, healed within a tolerance or refused with what is wrong."""
