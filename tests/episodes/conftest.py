"""By being here it puts this folder's helpers on the path of the tests below it too."""
