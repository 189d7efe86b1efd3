"""Items to and from the files of other programs: GIFT, Aiken, Moodle XML, QTI and Excel."""
