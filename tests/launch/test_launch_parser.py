"""The YAML launch format: what it gives, and how each mistake is named."""

from pathlib import Path

import pytest

from cairn.launch.errors import LaunchError
from cairn.launch.parser import declared_arguments, find_launch_file, read_launch_file

WHOLE = """
launch:
- arg: {name: robot, default: jackal, description: Which robot}
- arg: {name: rate, default: "4.0"}
- arg: {name: world, default: campus, choice: [{value: campus}, {value: park}]}
- let: {name: topic, value: $(var robot)/image}
- set_env: {name: PROBE, value: $(var world)}
- group:
  - push_ros_namespace: {namespace: $(var robot)}
  - node:
      pkg: probe
      exec: waiter
      name: explore
      param:
      - {name: rate, value: $(var rate)}
      - {name: label, value: "$(var world) one"}
      - {name: gains, value: [0.5, 1.0]}
      - {name: turbo, value: true}
      remap:
      - {from: image, to: $(var topic)}
      args: --seed 3 "two words"
      env: [{name: LEVEL, value: debug}]
      respawn: "true"
      respawn_delay: 0.5
      respawn_max_retries: 2
      on_exit: shutdown
      output: log
- node: {pkg: probe, exec: waiter, name: outside, if: $(equals $(var world) campus)}
- node: {pkg: probe, exec: waiter, name: absent, unless: $(equals $(var world) campus)}
"""


def test_every_key_reaches_the_description(write):
    description = read_launch_file(write(WHOLE), {"rate": "5"})
    explore, outside = description.nodes
    assert explore.full_name == "jackal/explore"
    assert explore.namespace == "/jackal"
    assert explore.parameters == (
        ("rate", 5),
        ("label", "campus one"),
        ("gains", [0.5, 1.0]),
        ("turbo", True),
    )
    assert explore.remappings == (("image", "jackal/image"),)
    assert explore.arguments == ("--seed", "3", "two words")
    assert explore.environment == {"PROBE": "campus", "LEVEL": "debug"}
    assert (explore.respawn, explore.respawn_delay, explore.respawn_max_retries) == (True, 0.5, 2)
    assert explore.required
    assert not explore.shown
    assert (outside.name, outside.namespace, outside.environment) == ("outside", None, {"PROBE": "campus"})


def test_unless_is_the_opposite_of_if(write):
    names = [node.name for node in read_launch_file(write(WHOLE), {"world": "park"}).nodes]
    assert names == ["explore", "absent"]


def test_the_declared_arguments_can_be_listed(write):
    arguments = declared_arguments(write(WHOLE))
    assert [(item.name, item.default, item.description) for item in arguments] == [
        ("robot", "jackal", "Which robot"),
        ("rate", "4.0", ""),
        ("world", "campus", ""),
    ]


def test_an_included_file_gets_its_arguments_and_its_own_directory(write, tmp_path):
    (tmp_path / "inner.yaml").write_text("/**: {ros__parameters: {a: 1}}")
    write(
        """
launch:
- arg: {name: name}
- arg: {name: extra, default: unused}
- node: {pkg: probe, exec: waiter, name: $(var name), param: [{from: $(dirname)/inner.yaml}]}
""",
        "inner.launch.yaml",
    )
    outer = write(
        """
launch:
- group:
  - include:
      file: $(dirname)/inner.launch.yaml
      arg: [{name: name, value: first}]
- group:
    scoped: "true"
    children:
    - include:
        file: $(dirname)/inner.launch.yaml
        arg: [{name: name, value: second}]
"""
    )
    description = read_launch_file(outer)
    assert [node.name for node in description.nodes] == ["first", "second"]
    assert description.nodes[0].parameters == (tmp_path / "inner.yaml",)
    assert [argument.name for argument in description.arguments] == ["name", "extra"]


def test_arguments_leave_an_include_but_not_a_group(write):
    write("launch: [{arg: {name: colour, default: red}}]", "inner.launch.yaml")
    text = """
launch:
- {entry}
- node: {{pkg: probe, exec: waiter, name: $(var colour)}}
"""
    include = "include: {file: $(dirname)/inner.launch.yaml}"
    assert read_launch_file(write(text.format(entry=include))).nodes[0].name == "red"
    with pytest.raises(LaunchError, match="argument `colour` is not declared here"):
        read_launch_file(write(text.format(entry=f"group: [{{{include}}}]")))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("nod: {pkg: a, exec: b}", r"unknown entry `nod`; valid: arg, let, include, group"),
        ("node: {pkg: a, exec: b, respwan: 'true'}", r"unknown key `respwan`; valid: .*respawn"),
        ("node: {pkg: a}", r"the key `exec` is missing"),
        ("node: {pkg: a, exec: b, param: [{nam: x}]}", r"node.param: unknown key `nam`; valid: from, name"),
        ("node: {pkg: a, exec: b, param: [{name: x}]}", r"expected `value`, or `from`"),
        ("node: {pkg: a, exec: b, param: [{from: /no/file.yaml}]}", r"parameter file /no/file.yaml does not"),
        ("node: {pkg: a, exec: b, param: [{name: x, value: {y: 1}}]}", r"expected a boolean, a number"),
        ("node: {pkg: a, exec: b, param: [{name: x, value: [1, a]}]}", r"got \[1, 'a'\]"),
        ("node: {pkg: a, exec: b, param: {name: x}}", r"`param`: expected a list of entries"),
        ("node: {pkg: a, exec: b, if: maybe}", r"expected one of true, 1, false, 0, got `maybe`"),
        ("node: {pkg: a, exec: b, if: ''}", r"expected one of true, 1, false, 0, got ``"),
        ("node: {pkg: a, exec: b, if: true}", r'expected a string, got True; write "True"'),
        ("node: {pkg: a, exec: b, if: 'true', unless: 'true'}", r"`if` or `unless`, got both"),
        ("node: {pkg: a, exec: b, output: loud}", r"expected one of screen, log, both, got `loud`"),
        ("node: {pkg: a, exec: b, on_exit: explode}", r"expected `shutdown`, got `explode`"),
        ("node: {pkg: a, exec: b, respawn_delay: -1}", r"number of at least 0, got `-1`"),
        ("node: {pkg: a, exec: b, respawn_delay: nan}", r"number of at least 0, got `nan`"),
        ("node: {pkg: a, exec: b, name: $(var who)}", r"argument `who` is not declared here; declared: none"),
        ("node: {pkg: a, exec: b, name: $(env NO_SUCH_THING)}", r"`NO_SUCH_THING` is not set"),
        ("node: {pkg: a, exec: b, name: '$(eval 1+1)'}", r"unknown substitution .* valid: .*find-pkg-share"),
        ("node: {pkg: a, exec: b, name: '$(var x'}", r"`\$\(` without its `\)`"),
        ("node: {pkg: a, exec: b, name: $(find-pkg-share nonesuch)}", r"no ROS 2 package `nonesuch`"),
        ("arg: {name: goal, description: the photo}", r"no default; give `goal:=VALUE` \(the photo\)"),
        (
            "include: {file: $(dirname)/nowhere.launch.yaml}",
            r"nowhere.launch.yaml: .*cannot be read: No such",
        ),
        ("include: {file: beside.launch.yaml}", r"expected an absolute path; .*\$\(dirname\)/beside"),
        ("include: {file: /a/b.launch.py}", r"expected a YAML launch file"),
        ("include: {file: $(filename)}", r"include each other in a circle: test.launch.yaml → test.launch"),
        ("group: {children: 3}", r"expected a list of entries, got `3`"),
        ("node", r"expected one entry such as `node:`"),
    ],
)
def test_each_mistake_is_named_with_its_file(write, entry, message):
    file = write(f"launch:\n- {entry}\n")
    with pytest.raises(LaunchError, match=message) as refused:
        read_launch_file(file)
    if "no ROS 2 package" not in message:
        assert ".launch." in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nodes: []", "expected the one key `launch` at the top, got: nodes"),
        ("launch: 3", "expected a list of entries, got `3`"),
        ("launch: [", "not YAML"),
        ("", "expected the one key `launch` at the top, got: NoneType"),
    ],
)
def test_what_is_no_launch_file_is_refused(write, text, message):
    with pytest.raises(LaunchError, match=message):
        read_launch_file(write(text))


def test_a_circle_over_two_files_is_refused(write):
    write("launch: [{include: {file: $(dirname)/test.launch.yaml}}]", "other.launch.yaml")
    file = write("launch: [{include: {file: $(dirname)/other.launch.yaml}}]")
    with pytest.raises(LaunchError, match=r"test.launch.yaml → other.launch.yaml → test.launch.yaml"):
        read_launch_file(file)


def test_the_same_file_may_be_included_twice(write):
    write("launch: [{arg: {name: colour, default: red}}]", "inner.launch.yaml")
    include = "{include: {file: $(dirname)/inner.launch.yaml}}"
    assert read_launch_file(write(f"launch: [{include}, {include}]")).nodes == ()


def test_wrong_arguments_are_refused(write):
    file = write(WHOLE)
    with pytest.raises(LaunchError, match=r"unknown launch argument `wrld`; valid: robot, rate, world"):
        read_launch_file(file, {"wrld": "park"})
    with pytest.raises(LaunchError, match=r"expected one of campus, park, got `moon`"):
        read_launch_file(file, {"world": "moon"})


def test_two_nodes_of_one_name_are_refused(write):
    node = "{node: {pkg: a, exec: b, name: gate}}"
    with pytest.raises(LaunchError, match="two nodes have the name `gate`"):
        read_launch_file(write(f"launch: [{node}, {node}]"))


def test_a_launch_file_is_found_by_path_or_refused_with_those_there_are(write):
    file = write("launch: []")
    assert find_launch_file(str(file)) == file.resolve()
    with pytest.raises(LaunchError, match="no launch file `nowhere`"):
        find_launch_file("nowhere")


def test_every_shipped_launch_file_is_understood():
    for file in sorted((Path(__file__).parents[2] / "launch").glob("*.launch.yaml")):
        required = {item.name: "1" for item in declared_arguments(file) if item.default is None}
        assert read_launch_file(file, required).nodes, file


SHIPPED = Path(__file__).parents[2] / "launch"


@pytest.mark.parametrize("name", ["collect", "explore", "jackal"])
def test_the_page_is_served_where_it_is_asked_for_and_never_without_a_deadman(name):
    file = SHIPPED / f"{name}.launch.yaml"
    without = {node.name: node for node in read_launch_file(file, {}).nodes}
    assert "monitor" not in without

    given = {"monitor": "true", "address": "0.0.0.0", "port": "9000"}
    nodes = {node.name: node for node in read_launch_file(file, given).nodes}
    files = [item.name for item in nodes["monitor"].parameters if isinstance(item, Path)]
    parameters = dict(item for item in nodes["monitor"].parameters if not isinstance(item, Path))
    assert files == ["monitor.yaml"]
    assert (parameters["address"], parameters["port"], parameters["control"]) == ("0.0.0.0", 9000, True)
    assert "teleop" in nodes
    # The file itself has none, so it must come after it.
    assert nodes["command_gate"].parameters.index(("deadman", "teleop")) > 0
    assert {node.namespace for node in nodes.values()} == {without["command_gate"].namespace}
