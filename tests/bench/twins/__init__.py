"""The same endpoint in other frameworks, to be measured beside ours."""
