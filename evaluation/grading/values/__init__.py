"""What an answer says, in comparable form: numbers, units, money, dates and times in one spelling each."""
