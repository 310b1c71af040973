"""Improvement cycles: plan, do, study, act. Did it help?"""
