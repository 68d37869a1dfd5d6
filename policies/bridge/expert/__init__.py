"""A scripted demonstrator that drives the arm by its hands, as a person does."""
