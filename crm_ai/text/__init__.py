"""What texts say: language, words, sentiment, topics, aspects and word neighbours, in English and Chinese."""
