# bash completion for answerctl(1). Commands and options are asked of the tool
# itself, so that this never names one that it does not have.

_answerctl()
{
	local cur prev command i
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | -i | --intents | --config) ((i++)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $prev in
	-i | --intents | --against)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-c | --config | --file | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--level)
		mapfile -t COMPREPLY < <(compgen -W "info warning" -- "$cur")
		return
		;;
	--role)
		mapfile -t COMPREPLY < <(compgen -W "agent supervisor admin" -- "$cur")
		return
		;;
	esac
	local words
	if [[ $cur == -* ]]; then
		words=$("$1" ${command:+"$command"} --help 2>/dev/null |
			grep -oE -- '--[a-z][a-z-]+' | sort -u)
	elif [[ -z ${command:-} ]]; then
		words=$("$1" --help 2>/dev/null |
			sed -nE 's/^ {2,4}([a-z]+) .*/\1/p' | sort -u)
	elif [[ $command == agent && $prev == agent ]]; then
		words="add passwd token revoke disable enable list"
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -o filenames -F _answerctl answerctl
