package io.trainyard.api;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body as the servlet API wants it. */
public final class ServletBody extends ServletInputStream {
  private final InputStream body;
  private boolean finished;

  public ServletBody(InputStream body) {
    this.body = body;
  }

  @Override
  public int read() throws IOException {
    int read = body.read();
    finished = read < 0;
    return read;
  }

  @Override
  public int read(byte[] bytes, int from, int count) throws IOException {
    int read = body.read(bytes, from, count);
    finished = read < 0;
    return read;
  }

  @Override
  public boolean isFinished() {
    return finished;
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void setReadListener(ReadListener listener) {
    throw new UnsupportedOperationException("read in the request's own thread");
  }
}
