"""XLSForm: a spreadsheet of questions, as ODK and Kobo read it."""
