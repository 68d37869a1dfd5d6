"""Things that stand in kitchens, made of a few primitives each."""
