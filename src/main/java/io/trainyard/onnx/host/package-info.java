/**
 * Computes ONNX files that callers brought in processes of their own, hosts: what crashes or hangs
 * there reaches no other caller. Start at {@link io.trainyard.onnx.host.Hosts}, which decides where
 * a file is computed, and {@link io.trainyard.onnx.host.HostProgram}, which runs in a host. {@code
 * HostProcess} is the life of one host, {@code Lane} one of its connections: a request is a small
 * message on a Unix domain socket, and its tensors lie in memory that both processes share. {@link
 * io.trainyard.onnx.host.Checkers} compute files before they are imported, and do tasks of other
 * packages with foreign files; callers take turns in them.
 */
@NullMarked
package io.trainyard.onnx.host;

import org.jspecify.annotations.NullMarked;
