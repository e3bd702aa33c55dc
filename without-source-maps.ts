// cdktf takes a stack trace for every token, and following source maps in each takes longer than all
// the rest; reading the source maps of the provider classes takes a while too. So this is imported
// before any of them.
process.setSourceMapsEnabled(false);
