"""Odoo's external API, versions 16 to 19: a stand-in with products, purchases and stock moves."""
