"""What people type, turned into typed values, a file per noun."""
