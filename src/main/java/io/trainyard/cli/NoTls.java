package io.trainyard.cli;

import java.security.Provider;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * What a client of plain HTTP needs of TLS: nothing. Java's client else loads all certificates of
 * the system, which takes longer than the call.
 */
final class NoTls extends SSLContextSpi {
  private NoTls() {}

  static SSLContext context() {
    Provider provider = new Provider("none", "1", "for plain HTTP") {};
    return new SSLContext(new NoTls(), provider, "none") {};
  }

  @Override
  protected SSLParameters engineGetDefaultSSLParameters() {
    return new SSLParameters();
  }

  @Override
  protected SSLParameters engineGetSupportedSSLParameters() {
    return new SSLParameters();
  }

  @Override
  protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {}

  @Override
  protected SSLSocketFactory engineGetSocketFactory() {
    throw notHere();
  }

  @Override
  protected SSLServerSocketFactory engineGetServerSocketFactory() {
    throw notHere();
  }

  @Override
  protected SSLEngine engineCreateSSLEngine() {
    throw notHere();
  }

  @Override
  protected SSLEngine engineCreateSSLEngine(String host, int port) {
    throw notHere();
  }

  @Override
  protected SSLSessionContext engineGetServerSessionContext() {
    throw notHere();
  }

  @Override
  protected SSLSessionContext engineGetClientSessionContext() {
    throw notHere();
  }

  private static IllegalStateException notHere() {
    return new IllegalStateException("plain HTTP has no TLS");
  }
}
