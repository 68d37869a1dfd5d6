"""The WidowX 250s as its Dynamixel motors see it: registers, bus, setting up, driver."""
