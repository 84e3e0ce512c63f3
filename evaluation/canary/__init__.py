"""Invented sentences in copies of a user's documents: what does a system that nobody can look into know of them?"""
