"""Ways out of the house for notices: a folder of files, short messages, WeChat; see docs/notices.md."""
