"""A simulated cluster with AIOpsLab's hotel-reservation application and some of its problems.

A fault changes the model (`faults`), the model runs on its own clock (`cluster`, `controllers`,
`kubelet`, `traffic`), and what an agent sees (`actions`, `shell`, `kubectl`) is derived from it.
No command of an agent ever reaches a real shell, and no answer is stored per problem.
"""
