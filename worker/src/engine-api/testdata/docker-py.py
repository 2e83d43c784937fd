"""What programs written with docker-py (the Python client of docker-compose 1) rely on. Prints the promises that held."""

import io
import os
import tempfile

import docker
from docker.utils.socket import next_frame_header, read_exactly

client = docker.APIClient(base_url=os.environ["DOCKER_HOST"], version="auto", timeout=60)


def raised(kind, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError("nothing was raised")


def sleeper(**options):
    host = client.create_host_config(**options.pop("host", {}))
    command = options.pop("command", ["sleep", "1000"])
    made = client.create_container("busybox", command, host_config=host, **options)
    client.start(made)
    return made["Id"]


def output(container, command, **options):
    return client.exec_start(client.exec_create(container, command, **options))


def is_left_by(sock, keys):
    raw = getattr(sock, "_sock", sock)
    raw.settimeout(30)
    # What comes back says that the process listens by now.
    raw.sendall(b"here\n")
    said = b""
    while said.count(b"here") < 2:
        said += raw.recv(256)
    for key in keys:
        raw.sendall(key)
    while raw.recv(256):
        pass
    sock.close()
    return True


def what_a_start_says_of_its_terminal_decides_about_frames(web):
    made = client.exec_create(web, ["printf", "framed"], tty=True)
    sock = client.exec_start(made, socket=True)
    assert next_frame_header(sock) == (1, 6)
    assert read_exactly(sock, 6) == b"framed"
    sock.close()
    made = client.exec_create(web, ["printf", "raw"], tty=True)
    assert client.exec_start(made, tty=True) == b"raw"


def detach_keys_end_the_connection_and_not_the_process(web):
    cat = sleeper(command="cat", stdin_open=True, tty=True)
    attach = {"stdin": 1, "stdout": 1, "stream": 1}
    assert is_left_by(client.attach_socket(cat, attach), [b"\x10", b"\x11"])
    assert is_left_by(client.attach_socket(cat, {**attach, "detachKeys": "ctrl-x"}), [b"a\n\x18"])
    assert client.inspect_container(cat)["State"]["Running"]
    error = raised(docker.errors.APIError, client.attach_socket, cat, {**attach, "detachKeys": "ctrl-xy"})
    assert error.response.status_code == 400, error
    made = client.exec_create(web, "cat", stdin=True, tty=True, detach_keys="ctrl-a,ctrl-b")
    assert is_left_by(client.exec_start(made, tty=True, socket=True), [b"\x01", b"\x02"])
    assert client.exec_inspect(made)["Running"]
    client.remove_container(cat, force=True)


def who_kills_finds_it_over(_):
    one = sleeper()
    client.kill(one)
    state = client.inspect_container(one)["State"]
    assert (state["Running"], state["ExitCode"]) == (False, 137), state
    client.remove_container(one)


def who_is_about_to_be_started_again_is_not_removed_without_force(_):
    one = sleeper(command="false", host={"restart_policy": {"Name": "always"}})
    client.wait(one)
    assert "You cannot remove" in raised(docker.errors.APIError, client.remove_container, one).explanation
    client.remove_container(one, force=True)


def exit_codes_of_execs_are_those_of_shells(web):
    made = client.exec_create(web, "no-such-program")
    client.exec_start(made)
    assert client.exec_inspect(made)["ExitCode"] == 127


def variables_are_shown_as_they_were_asked_for(_):
    made = client.create_container("busybox", ["env"], environment={"None": None, "One": "1", "Empty": ""})
    shown = client.inspect_container(made)["Config"]["Env"]
    assert sorted(shown[:3]) == ["Empty=", "None", "One=1"], shown
    client.remove_container(made)


def further_groups_hold_for_what_runs_and_what_is_executed(_):
    one = sleeper(host={"group_add": [1234, 1235]}, command="sh -c 'id -G; exec sleep 1000'")
    assert b"1234 1235" in output(one, "id -G")
    assert b"1234 1235" in client.logs(one)
    client.remove_container(one, force=True)


def a_commit_knows_what_it_was_made_of(web):
    made = client.commit(web)["Id"]
    assert client.inspect_image(made)["Parent"] == client.inspect_image("busybox")["Id"]
    client.remove_image(made)


def a_link_can_be_taken_away_alone(_):
    to = sleeper()
    one = sleeper(host={"links": {to: "db"}})
    name = client.inspect_container(one)["Name"][1:]
    assert b" db" in output(one, "cat /etc/hosts") or b"\tdb" in output(one, "cat /etc/hosts")
    client.remove_container(f"{name}/db", link=True)
    assert client.inspect_container(one)["HostConfig"]["Links"] is None
    assert b"db" not in output(one, "cat /etc/hosts")
    raised(docker.errors.NotFound, client.remove_container, f"{name}/db", link=True)
    for each in (one, to):
        client.remove_container(each, force=True)


def networks_keep_addresses_free_and_tell_what_was_asked(_):
    pool = docker.types.IPAMPool(
        subnet="172.29.0.0/24", gateway="172.29.0.1", aux_addresses={"router": "172.29.0.2"}
    )
    ipam = docker.types.IPAMConfig(pool_configs=[pool])
    network = client.create_network("py-net", ipam=ipam)["Id"]
    [config] = client.inspect_network(network)["IPAM"]["Config"]
    assert config["AuxiliaryAddresses"] == {"router": "172.29.0.2"}
    end = client.create_endpoint_config(aliases=["www"])
    end["DriverOpts"] = {"key": "value"}
    one = sleeper(host={"network_mode": "py-net"}, networking_config=client.create_networking_config({"py-net": end}))
    told = client.inspect_container(one)["NetworkSettings"]["Networks"]["py-net"]
    assert (told["Aliases"], told["DriverOpts"]) == (["www"], {"key": "value"}), told
    assert told["IPAddress"] == "172.29.0.3", told
    built = build("FROM busybox\nRUN nslookup www | grep 172.29.0.3\n", network_mode=network, nocache=True)
    assert "Successfully built" in built[-1].get("stream", ""), built
    client.remove_container(one, force=True)
    client.remove_network(network)


def build(text, **options):
    return list(client.build(fileobj=io.BytesIO(text.encode()), decode=True, rm=True, **options))


def builds_say_why_they_fail_and_take_steps_from_where_they_are_told(_):
    assert build("FROM busybox\nRUN exit 3\n")[-1]["errorDetail"]["code"] == 3
    text = "FROM busybox\nENV FOO=bar\nRUN touch made\n"
    cached = lambda lines: sum("Using cache" in line.get("stream", "") for line in lines)
    build(text, tag="py-first")
    assert cached(build(text, cache_from=["py-first"])) == 2
    assert cached(build(text, cache_from=["nobody-has-this"])) == 0
    raised(docker.errors.NotFound, build, "FROM busybox\n", network_mode="no-such-net")


def contexts_are_read_as_they_are_packed(_):
    with tempfile.TemporaryDirectory() as base, tempfile.NamedTemporaryFile("w") as outside:
        for name, content in (("file.txt", "x"), (".dockerignore", ".dockerignore\n")):
            with open(os.path.join(base, name), "w") as file:
                file.write(content)
        outside.write("FROM busybox\nCOPY . /src\nRUN ls -a /src; echo told >&2\n")
        outside.flush()
        lines = list(client.build(path=base, dockerfile=outside.name, gzip=True, decode=True))
    said = [line.get("stream", "") for line in lines]
    assert "Successfully built" in said[-1], said
    assert "\x1b[91mtold\n\x1b[0m" in said, said
    assert "file.txt" in "".join(said) and ".docker" not in "".join(said), said


def a_run_gives_what_its_command_says(_):
    high = docker.DockerClient(base_url=os.environ["DOCKER_HOST"])
    assert high.containers.run("busybox", "echo hello world", remove=True) == b"hello world\n"
    assert high.containers.run("busybox", "echo hello", log_config={"type": "none"}, remove=True) is None
    error = raised(docker.errors.ContainerError, high.containers.run, "busybox", "cat /none", remove=True)
    assert error.exit_status == 1 and b"No such file" in error.stderr, error
    high.close()


def what_is_no_archive_is_an_error_among_the_lines(_):
    assert any("errorDetail" in line for line in client.load_image(b"abc"))


def a_session_is_no_swarm_and_has_no_plugins(_):
    assert client.leave_swarm(force=True)
    assert raised(docker.errors.APIError, client.nodes).response.status_code == 503
    assert raised(docker.errors.APIError, client.secrets).response.status_code == 503
    assert "one Docker host alone" in raised(docker.errors.APIError, client.init_swarm).explanation
    assert client.plugins() == []
    raised(docker.errors.NotFound, client.inspect_plugin, "vieux/sshfs")


PROMISES = [
    what_a_start_says_of_its_terminal_decides_about_frames,
    detach_keys_end_the_connection_and_not_the_process,
    who_kills_finds_it_over,
    who_is_about_to_be_started_again_is_not_removed_without_force,
    exit_codes_of_execs_are_those_of_shells,
    variables_are_shown_as_they_were_asked_for,
    further_groups_hold_for_what_runs_and_what_is_executed,
    a_commit_knows_what_it_was_made_of,
    a_link_can_be_taken_away_alone,
    networks_keep_addresses_free_and_tell_what_was_asked,
    builds_say_why_they_fail_and_take_steps_from_where_they_are_told,
    contexts_are_read_as_they_are_packed,
    a_run_gives_what_its_command_says,
    what_is_no_archive_is_an_error_among_the_lines,
    a_session_is_no_swarm_and_has_no_plugins,
]

web = sleeper()
for promise in PROMISES:
    promise(web)
    print(promise.__name__.replace("_", " "))
client.remove_container(web, force=True)
