"""Measurement: is it the same construct, for both members and at every wave?"""
